"""The CDK app: stages as data, one data stack and two app stacks for each region, small constructs. Never ships to Lambda."""
