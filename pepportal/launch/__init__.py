"""Starting the portal on one machine: servers, demonstration, tests. Standard library only."""
