// Every way in which a plugin can take its process down, or do to it what rule 9 forbids.
#ifndef FIXTURE_FAULTS_H
#define FIXTURE_FAULTS_H

#include <string>

// Commits the fault of this name; "none" and an unknown name do nothing. Returns where the fault lets it.
void commit_fault(const std::string &name);

// The fault that AISOPOD_FIXTURE_FAULT, a "step:fault", holds for this step; "none" for every other step.
std::string fault_for(const char *step);

#endif
