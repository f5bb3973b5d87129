"""What fleetdash is about, in frozen values and pure rules; standard library only."""
