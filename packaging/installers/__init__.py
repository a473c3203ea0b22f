"""What makes the installers: `dev.py package` starts `commands`; packaging/README.md tells how they hang together."""
