/* dialect_title.c - see dialect_title.h. */
#include "report/dialect_title.h"

#include <string.h>

#include "base/language.h"
#include "base/macros.h"

const char *ta_dialect_title(const char *dialect)
{
	static const struct {
		const char *dialect, *title;
	} titles[] = {
		{ "shell", NULL },
		{ "sysctl.d", N_("To keep it after a reboot") },
		{ "systemd", "systemd" },
		{ "docker", "Docker" },
		{ "compose", "Docker Compose" },
		{ "podman", "Podman" },
		{ "kubernetes", "Kubernetes" },
		{ "limits.conf", N_("For login sessions, in /etc/security/limits.conf") },
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(titles); i++)
		if (strcmp(titles[i].dialect, dialect) == 0)
			return titles[i].title ? _(titles[i].title) : NULL;
	return dialect;
}
