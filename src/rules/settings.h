/* settings.h - the lines that put a fix's settings in force, and back. */
#ifndef RULES_SETTINGS_H
#define RULES_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>

/* Adds to fix["commands"] the dialects "shell" (sysctl -w) and "sysctl.d" for the settings that
 * are sysctls, unless the rule wrote that dialect itself; and fix["revert"] from the present
 * values in ns["sysctl"] or host["sysctl"] where they are known. false: memory. */
bool ta_settings_commands(json_t *fix, const json_t *host, const json_t *ns);

/* Whether all of these can be told so: no value of a sysctl has a quote, or is long. */
bool ta_settings_are_tellable(const json_t *settings);

#endif
