// SPDX-License-Identifier: GPL-2.0
/* Applies PARAM=VALUE arguments where each belongs, or says where it does. */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int set_param(const struct settings *s, const struct field *field,
		     const char *text, struct err *err)
{
	__u64 value;
	int ret;

	if (!s->data) {
		ret = err_set(err, ERR_USAGE, field->name,
			      "%s: parameter %s is set per attachment, not when the policy is loaded",
			      s->owner, field->name);
		err_hint(err, "swxctl attach CGROUP %s %s=%s", s->owner,
			 field->name, text);
		return ret;
	}
	ret = field_parse(field, s->owner, text, &value, err);
	if (!ret)
		field_set(field, s->data, value);
	return ret;
}

bool settings_read_const(const struct loaded *loaded, const char *name,
			 __u64 *value)
{
	const struct field *field = fields_find(&loaded->consts, name);
	struct loaded_map *m = loaded_find_map(loaded, "rodata");
	char *data = field && m ? calloc(1, m->info.value_size) : NULL;
	bool found;

	found = data && !bpf_map_lookup_elem(m->fd, &(__u32){ 0 }, data);
	if (found)
		*value = field_get(field, data);
	free(data);
	return found;
}

static int set_const(const struct settings *s, const struct field *field,
		     const char *text, struct err *err)
{
	__u64 value, now;
	int ret;

	ret = field_parse(field, s->owner, text, &value, err);
	if (ret)
		return ret;
	if (s->policy)
		return policy_set_const(s->policy, field, value, err);
	if (settings_read_const(s->loaded, field->name, &now) && now == value)
		return 0;
	ret = err_set(err, ERR_LOADED, field->name,
		      "%s: constant %s was fixed when the policy was loaded",
		      s->owner, field->name);
	err_hint(err, "load it once more: swxctl load %s --name NAME %s=%s",
		 s->loaded->policy, field->name, text);
	return ret;
}

static int unknown(const struct settings *s, const char *name, struct err *err)
{
	struct suggestion near = { .wrong = name };
	int ret;

	ret = err_set(err, ERR_UNKNOWN_PARAM, name,
		      "policy '%s' has no parameter '%s'", s->owner, name);
	fields_suggest(s->params, &near);
	fields_suggest(s->consts, &near);
	if (near.best)
		err_hint(err, "did you mean '%s'?", near.best);
	else if (!s->params->nr && !s->consts->nr)
		err_hint(err, "it takes no parameters");
	else
		err_hint(err, "its parameters: swxctl show %s", s->owner);
	return ret;
}

static int apply(const struct settings *s, const char *assignment,
		 struct err *err)
{
	const char *eq = strchr(assignment, '=');
	const struct field *field;
	char name[128];

	if (!eq || eq == assignment)
		return err_set(err, ERR_USAGE, assignment,
			       "'%s' is not of the form PARAM=VALUE", assignment);
	snprintf(name, sizeof(name), "%.*s", (int)(eq - assignment), assignment);
	field = fields_find(s->params, name);
	if (field)
		return set_param(s, field, eq + 1, err);
	field = fields_find(s->consts, name);
	if (field)
		return set_const(s, field, eq + 1, err);
	return unknown(s, name, err);
}

int settings_apply(const struct settings *settings, char **assignments, int nr,
		   struct err *err)
{
	int i, ret = 0;

	for (i = 0; i < nr && !ret; i++)
		ret = apply(settings, assignments[i], err);
	return ret;
}
