module spillway.test/client

go 1.22

require (
	github.com/Azure/azure-sdk-for-go/sdk/azcore v1.18.0
	github.com/openai/openai-go/v3 v3.99.0
)
