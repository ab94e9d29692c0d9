"""
What the API answers, as shapes: the other half of its contract, beside the requests in functions/*/contract.py.

Called by   openapi/description.py; tests/infra/test_openapi.py holds real answers of the handlers against them
Returns     one model for each answer; what is not said here is not in an answer

The answers themselves are plain values made without these models, because start-up is a published figure.
"""
