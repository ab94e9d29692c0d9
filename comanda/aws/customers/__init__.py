"""Store customers with their contacts, find, merge, count and erase them, note who looked at them, and mail them."""
