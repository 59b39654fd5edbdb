"""Alerts: what needs a person, who is told of it, when and how, and a sign to the outside that all is well."""
