"""What the README's figures are made with: `make bench`, or `make bench ONLY=import`. Outside the product."""
