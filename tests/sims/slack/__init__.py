"""A Slack on loopback, to which the real slack-sdk and slack-bolt talk."""
