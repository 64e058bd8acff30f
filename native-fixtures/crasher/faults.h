// Every way in which a plugin can crash its process, or do what rule 9 forbids.
#ifndef FIXTURE_FAULTS_H
#define FIXTURE_FAULTS_H

#include <string>

// Causes the fault with this name; does nothing for "none" and unknown names. Returns if the fault allows it.
void commit_fault(const std::string &name);

// The fault for this step in AISOPOD_FIXTURE_FAULT ("step:fault"); "none" for other steps.
std::string fault_for(const char *step);

#endif
