"""Keep the summaries, alerts and figures that pages read."""
