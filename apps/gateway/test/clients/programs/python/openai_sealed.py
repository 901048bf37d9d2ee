"""Asks what each line of standard input says, by responses of openai-python that are not stored and whose reasoning is sealed."""

import json
import os
import sys

from openai import OpenAI

client = OpenAI(base_url=os.environ["GATEWAY"] + "/openai/v1/", api_key="any")
parameters = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
tools = [{"type": "function", "name": "get_weather", "parameters": parameters, "strict": True}]


def ask(items):
    while True:
        response = client.responses.create(
            model="gpt-5", input=items, tools=tools, store=False, include=["reasoning.encrypted_content"]
        )
        items += response.output
        calls = [item for item in response.output if item.type == "function_call"]
        if not calls:
            return response.output_text
        for call in calls:
            city = json.loads(call.arguments)["city"]
            result = {"type": "function_call_output", "call_id": call.call_id, "output": f"It rains in {city}."}
            items.append(result)


items = []
for question in sys.stdin:
    items.append({"role": "user", "content": question})
    print(ask(items), flush=True)
