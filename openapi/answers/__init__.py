"""
Model the answers of the API. The models of its requests are in functions/*/contract.py.

Called by   openapi/description.py; tests/infra/test_openapi.py compares real answers of the handlers with the models
Returns     one model for each answer; an answer has no other fields

The answers themselves are plain values made without these models, because start-up is a published figure.
"""
