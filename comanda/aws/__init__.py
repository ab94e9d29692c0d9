"""
The only place that knows boto3: keys, stores, clients, settings, HTTP and events. One module for each concern.

Who imports it is the process of a room. What that makes as it starts stays for its life, and what an event leaves is freed
as soon as nothing names it: the collector, which looks for what names itself, is told to look rarely. Looking after every
2,000 objects, as it does by itself, took an eighth of a start-up.
"""

import gc

gc.set_threshold(100_000)  # some ten megabytes
