// Asks each line of standard input as a question, through openai-go with its options for Azure; every other call is
// streamed.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/azure"
	"github.com/openai/openai-go/v3/shared"
)

var tools = []openai.ChatCompletionToolUnionParam{
	openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
		Name: "get_weather",
		Parameters: shared.FunctionParameters{
			"type":       "object",
			"properties": map[string]any{"city": map[string]any{"type": "string"}},
			"required":   []string{"city"},
		},
	}),
}

func complete(client openai.Client, messages []openai.ChatCompletionMessageParamUnion) (openai.ChatCompletionMessage, error) {
	params := openai.ChatCompletionNewParams{Model: "gpt-4o", Messages: messages, Tools: tools}
	if len(messages)%2 == 1 {
		completion, err := client.Chat.Completions.New(context.Background(), params)
		if err != nil {
			return openai.ChatCompletionMessage{}, err
		}
		return completion.Choices[0].Message, nil
	}
	stream := client.Chat.Completions.NewStreaming(context.Background(), params)
	all := openai.ChatCompletionAccumulator{}
	for stream.Next() {
		all.AddChunk(stream.Current())
	}
	if err := stream.Err(); err != nil {
		return openai.ChatCompletionMessage{}, err
	}
	return all.Choices[0].Message, nil
}

func main() {
	client := openai.NewClient(
		azure.WithEndpoint(os.Getenv("GATEWAY"), "2025-04-01-preview"),
		azure.WithAPIKey("any"),
	)
	messages := []openai.ChatCompletionMessageParamUnion{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		messages = append(messages, openai.UserMessage(lines.Text()))
		for {
			message, err := complete(client, messages)
			if err != nil {
				fmt.Println(err)
				return
			}
			messages = append(messages, message.ToParam())
			if len(message.ToolCalls) == 0 {
				fmt.Println(message.Content)
				break
			}
			for _, call := range message.ToolCalls {
				var asked struct{ City string }
				_ = json.Unmarshal([]byte(call.Function.Arguments), &asked)
				messages = append(messages, openai.ToolMessage("It rains in "+asked.City+".", call.ID))
			}
		}
	}
}
