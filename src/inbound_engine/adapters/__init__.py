"""What do other systems' records mean in our words? One file per system."""
