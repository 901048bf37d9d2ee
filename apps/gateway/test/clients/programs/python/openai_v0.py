"""Asks what each line of standard input says, with openai-python before its version 1."""

import json
import os
import sys

import openai

openai.api_type = "azure"
openai.api_base = os.environ["GATEWAY"]
openai.api_key = "any"
openai.api_version = "2025-04-01-preview"

parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
tools = [{"type": "function", "function": {"name": "get_weather", "parameters": parameters}}]


def ask(messages):
    while True:
        message = openai.ChatCompletion.create(engine="gpt-4o", messages=messages, tools=tools).choices[0].message
        messages.append(message)
        if not message.get("tool_calls"):
            return message.content
        for call in message.tool_calls:
            city = json.loads(call.function.arguments)["city"]
            messages.append({"role": "tool", "tool_call_id": call.id, "content": f"It rains in {city}."})


messages = []
for question in sys.stdin:
    messages.append({"role": "user", "content": question})
    print(ask(messages), flush=True)
