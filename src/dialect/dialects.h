/* dialects.h - the two halves of each row of the table in dialect.c. */
#ifndef DIALECT_DIALECTS_H
#define DIALECT_DIALECTS_H

#include "dialect/entry.h"
#include "dialect/writer.h"

typedef bool ta_takes_fn(const struct ta_entry *entry, const struct ta_dialect_options *options);
typedef void ta_print_fn(struct ta_writer *writer, const struct ta_entry *entries, size_t count);

/* commands.c */
ta_takes_fn ta_shell_takes, ta_prlimit_takes, ta_docker_takes, ta_podman_takes;
ta_print_fn ta_shell_print, ta_docker_print, ta_podman_print;

/* files.c */
ta_takes_fn ta_sysctl_d_takes, ta_limits_conf_takes, ta_systemd_takes, ta_tuned_takes;
ta_print_fn ta_sysctl_d_print, ta_limits_conf_print, ta_systemd_print, ta_tuned_print;

/* yaml.c */
ta_takes_fn ta_compose_takes, ta_kubernetes_takes, ta_ansible_takes;
ta_print_fn ta_compose_print, ta_kubernetes_print, ta_ansible_print;

/* nixos.c */
ta_takes_fn ta_nixos_takes;
ta_print_fn ta_nixos_print;

#endif
