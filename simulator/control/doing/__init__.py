"""What can be done to what lives: links, rules' order, scenarios, and starting over."""
