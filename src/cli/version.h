/* What `basin --version` prints: version, commit, build, libraries, CPU. */
#ifndef BASIN_CLI_VERSION_H
#define BASIN_CLI_VERSION_H

int version_print(void);

#endif
