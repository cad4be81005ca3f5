"""Teaching Homeroom's own networks: from a real-trained teacher's features to people, key points and behavior."""
