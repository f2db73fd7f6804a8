/* settings.h - the lines that put a fix's settings in force, and back. */
#ifndef RULES_SETTINGS_H
#define RULES_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>

#include "rules/site.h"

/* Adds to fix["commands"] the dialects for the settings that are sysctls, unless the rule wrote
 * that dialect itself: "shell" (sysctl -w) and "sysctl.d"; and fix["revert"] from the present
 * values where they are known. A setting of another network namespace than the reader's is set
 * there, is kept by whatever makes that namespace ("docker", "kubernetes", "systemd" ...), and
 * fix["text"] says so. false: memory. */
bool ta_settings_commands(json_t *fix, const json_t *snapshot, const struct ta_site *site);

/* Whether all of these can be told so: no value of a sysctl has a quote, or is long. */
bool ta_settings_are_tellable(const json_t *settings);

#endif
