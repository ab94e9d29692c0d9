"""Make the electronic invoice of goods in Brazil: NF-e, model 55, layout 4.00. Pure."""
