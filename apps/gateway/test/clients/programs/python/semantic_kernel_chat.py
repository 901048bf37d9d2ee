"""Asks what each line of standard input says, by Semantic Kernel, which calls the functions by itself."""

import asyncio
import os
import sys

from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.function_choice_behavior import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.open_ai import AzureChatCompletion, AzureChatPromptExecutionSettings
from semantic_kernel.contents import ChatHistory
from semantic_kernel.functions import kernel_function


class Weather:
    @kernel_function(name="get_weather", description="Tells the weather of a city.")
    def get_weather(self, city: str) -> str:
        return f"It rains in {city}."


async def main():
    kernel = Kernel()
    service = AzureChatCompletion(
        deployment_name="gpt-4o", endpoint=os.environ["GATEWAY"], api_key="any", api_version="2025-04-01-preview"
    )
    kernel.add_plugin(Weather(), "weather")
    settings = AzureChatPromptExecutionSettings(function_choice_behavior=FunctionChoiceBehavior.Auto())
    history = ChatHistory()
    for question in sys.stdin:
        # Its functions are called by their plugin's name and their own.
        history.add_user_message(question.replace("get_weather", "weather-get_weather"))
        answer = await service.get_chat_message_content(history, settings, kernel=kernel)
        history.add_message(answer)
        print(answer, flush=True)


asyncio.run(main())
