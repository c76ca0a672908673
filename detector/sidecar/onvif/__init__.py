"""Cameras that recognise faces by themselves: asked by ONVIF what they analyse, and told to stop where they may not."""
