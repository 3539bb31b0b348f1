"""Where am I? Data folder, keys and services of the device the app runs on."""
