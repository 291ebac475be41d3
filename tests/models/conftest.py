"""Laws are about dates, not about how busy the machine is: no deadline for an example."""

from hypothesis import settings

settings.register_profile("unhurried", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("unhurried")
