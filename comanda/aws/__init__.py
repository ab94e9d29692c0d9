"""The only place that knows boto3: keys, stores, clients, settings, HTTP and events. One module for each concern."""
