import com.openai.azure.AzureOpenAIServiceVersion;
import com.openai.azure.AzureUrlPathMode;
import com.openai.azure.credential.AzureApiKeyCredential;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageToolCall;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import java.util.List;
import java.util.Map;
import java.util.Scanner;

/** Asks each line of standard input as a question, through openai-java with its options for Azure. */
public class Main {
  public static void main(String[] arguments) {
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(System.getenv("GATEWAY"))
            .credential(AzureApiKeyCredential.create("any"))
            .azureUrlPathMode(AzureUrlPathMode.LEGACY)
            .azureServiceVersion(AzureOpenAIServiceVersion.fromString("2025-04-01-preview"))
            .build();
    FunctionParameters parameters =
        FunctionParameters.builder()
            .putAdditionalProperty("type", JsonValue.from("object"))
            .putAdditionalProperty("properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
            .putAdditionalProperty("required", JsonValue.from(List.of("city")))
            .build();
    FunctionDefinition weather =
        FunctionDefinition.builder().name("get_weather").parameters(parameters).build();
    ChatCompletionCreateParams.Builder chat =
        ChatCompletionCreateParams.builder()
            .model("gpt-4o")
            .addTool(ChatCompletionFunctionTool.builder().function(weather).build());
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextLine()) {
      chat.addUserMessage(lines.nextLine());
      System.out.println(answer(client, chat));
    }
  }

  private static String answer(OpenAIClient client, ChatCompletionCreateParams.Builder chat) {
    while (true) {
      ChatCompletionMessage message =
          client.chat().completions().create(chat.build()).choices().get(0).message();
      chat.addMessage(message);
      List<ChatCompletionMessageToolCall> calls = message.toolCalls().orElse(List.of());
      if (calls.isEmpty()) return message.content().orElse("");
      for (ChatCompletionMessageToolCall call : calls) {
        chat.addMessage(
            ChatCompletionToolMessageParam.builder()
                .toolCallId(call.asFunction().id())
                .content("It rains, said " + call.asFunction().function().arguments())
                .build());
      }
    }
  }
}
