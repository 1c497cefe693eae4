"""What goes wrong between a model, its server and us: found, named, met, counted."""
