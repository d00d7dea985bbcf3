"""What can be asked of what has happened, and waited for: messages, sessions and events, in the words of rules."""
