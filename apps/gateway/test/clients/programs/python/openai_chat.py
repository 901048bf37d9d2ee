"""Asks what each line of standard input says, by chat completions of openai-python's Azure client; half of them are streamed."""

import json
import os
import sys

from openai import AzureOpenAI

client = AzureOpenAI(azure_endpoint=os.environ["GATEWAY"], api_key="any", api_version="2025-04-01-preview")
parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
tools = [{"type": "function", "function": {"name": "get_weather", "parameters": parameters}}]


def whole(messages):
    message = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools).choices[0].message
    calls = [(call.id, call.function.name, call.function.arguments) for call in message.tool_calls or []]
    return message.content, calls


def streamed(messages):
    text, calls = "", {}
    for chunk in client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools, stream=True):
        for choice in chunk.choices:
            text += choice.delta.content or ""
            for part in choice.delta.tool_calls or []:
                call = calls.setdefault(part.index, {"id": part.id, "name": part.function.name, "arguments": ""})
                call["arguments"] += part.function.arguments or ""
    return text, [(call["id"], call["name"], call["arguments"]) for call in calls.values()]


def ask(messages):
    while True:
        text, calls = (whole if len(messages) % 2 else streamed)(messages)
        if not calls:
            messages.append({"role": "assistant", "content": text})
            return text
        told = [
            {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
            for id, name, arguments in calls
        ]
        messages.append({"role": "assistant", "content": None, "tool_calls": told})
        for id, _, arguments in calls:
            city = json.loads(arguments)["city"]
            messages.append({"role": "tool", "tool_call_id": id, "content": f"It rains in {city}."})


messages = []
for question in sys.stdin:
    messages.append({"role": "user", "content": question})
    print(ask(messages), flush=True)
