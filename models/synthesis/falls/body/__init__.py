"""The simulated body: shape, hinges, MuJoCo model, and the simulator that moves it."""
