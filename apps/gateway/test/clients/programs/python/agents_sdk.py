"""Asks what each line of standard input says, by an agent of OpenAI's Agents SDK: `chat`, or `sealed` responses that are not stored."""

import asyncio
import os
import sys

from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from openai import AsyncAzureOpenAI, AsyncOpenAI

set_tracing_disabled(True)
gateway = os.environ["GATEWAY"]


@function_tool
def get_weather(city: str) -> str:
    """Tells the weather of a city."""
    return f"It rains in {city}."


if sys.argv[1] == "chat":
    client = AsyncAzureOpenAI(azure_endpoint=gateway, api_key="any", api_version="2025-04-01-preview")
    model = OpenAIChatCompletionsModel(model="gpt-4o", openai_client=client)
    settings = ModelSettings()
else:
    client = AsyncOpenAI(base_url=gateway + "/openai/v1/", api_key="any")
    model = OpenAIResponsesModel(model="gpt-5", openai_client=client)
    settings = ModelSettings(store=False, response_include=["reasoning.encrypted_content"])

agent = Agent(name="Forecaster", model=model, tools=[get_weather], model_settings=settings)


async def main():
    history = []
    for question in sys.stdin:
        result = await Runner.run(agent, history + [{"role": "user", "content": question}])
        history = result.to_input_list()
        print(result.final_output, flush=True)


asyncio.run(main())
