"""Know the money that customers have with us: gift cards and store credit, each an account with a balance and a ledger."""
