package io.nereid.load.pace;

import io.nereid.load.client.SequenceStep;
import java.util.Optional;

/**
 * What a lane sends next.
 *
 * @param request number of the request in its set
 */
public record Turn(int request, Optional<SequenceStep> step) {}
