"""Describe the API: routes, requests, answers and who must own what they name, made from the code."""
