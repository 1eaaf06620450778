"""The commands of `jointwise`, one file each; each imports what it needs when it runs."""
