// SPDX-License-Identifier: GPL-2.0
/* Reads swxctl.conf; what a name means is for cmd_apply.c to find out. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static int add_word(struct config_line *line, char *word, struct err *err)
{
	char **v;

	if (!line->cgroup) {
		line->cgroup = strdup(word);
		return line->cgroup ? 0 : err_no_memory(err);
	}
	if (!line->policy) {
		line->policy = strdup(word);
		return line->policy ? 0 : err_no_memory(err);
	}
	v = realloc(line->assignments, (line->nr_assignments + 1) * sizeof(*v));
	if (!v)
		return err_no_memory(err);
	line->assignments = v;
	v[line->nr_assignments] = strdup(word);
	return v[line->nr_assignments++] ? 0 : err_no_memory(err);
}

static int add_line(struct config *config, char *text, int number,
		    struct err *err)
{
	struct config_line *line;
	char *word, *save = NULL;
	int ret = 0;

	text[strcspn(text, "#")] = '\0';
	word = strtok_r(text, " \t\r", &save);
	if (!word)
		return 0;
	line = realloc(config->lines, (config->nr + 1) * sizeof(*line));
	if (!line)
		return err_no_memory(err);
	config->lines = line;
	line += config->nr++;
	*line = (struct config_line) { .number = number };
	for (; word && !ret; word = strtok_r(NULL, " \t\r", &save))
		ret = add_word(line, word, err);
	if (ret || line->policy)
		return ret;
	ret = err_set(err, ERR_CONFIG, config->path,
		      "%s:%d: no policy for cgroup %s", config->path, number,
		      line->cgroup);
	err_hint(err, "a line is: CGROUP POLICY [PARAM=VALUE...]");
	return ret;
}

int config_read(const char *path, struct config *config, struct err *err)
{
	char *text, *line, *next;
	int number = 0, ret = 0;

	memset(config, 0, sizeof(*config));
	text = read_file(path);
	if (!text) {
		ret = err_set(err, ERR_CONFIG, path, "cannot read %s: %s", path,
			      strerror(errno));
		err_hint(err, "see swxctl.conf(5)");
		return ret;
	}
	config->path = strdup(path);
	if (!config->path)
		ret = err_no_memory(err);
	for (line = text; line && !ret; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		ret = add_line(config, line, ++number, err);
	}
	free(text);
	if (ret)
		config_free(config);
	return ret;
}

void config_free(struct config *config)
{
	struct config_line *line;

	for (line = config->lines; line < config->lines + config->nr; line++) {
		while (line->nr_assignments)
			free(line->assignments[--line->nr_assignments]);
		free(line->assignments);
		free(line->cgroup);
		free(line->policy);
	}
	free(config->lines);
	free(config->path);
	memset(config, 0, sizeof(*config));
}
