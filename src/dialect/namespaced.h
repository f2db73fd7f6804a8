/* namespaced.h - which sysctls a container, or a pod, can have of its own. */
#ifndef DIALECT_NAMESPACED_H
#define DIALECT_NAMESPACED_H

#include <stdbool.h>

#include "dialect/entry.h"

/* Whether Docker, Podman and the kubelet take it at all: what is the host's makes the container
 * fail to start. A part with a dot ("eth0.100") they take apart. */
bool ta_is_container_sysctl(const struct ta_entry *entry, const struct ta_dialect_options *options);

/* 29 when the kubelet lets a pod have it since Kubernetes 1.29; 0 when it has to be told to. */
unsigned ta_kubernetes_safe_since(const char *key);

#endif
