"""What the README's figures are made with: `make bench`, or `make bench ARGS="--only router"`. Outside the product."""
