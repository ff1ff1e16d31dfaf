"""What the program leaves around itself: with the browsers, at login, in the home folder; and how it goes again."""
