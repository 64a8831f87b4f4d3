package dev.precast.e2e.tool;

import static java.util.stream.Collectors.joining;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skips what is annotated with {@link Needs} where one of the programs is missing, and names each that is. */
final class NeedsCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<Needs> needs = context.getElement().flatMap(e -> AnnotationSupport.findAnnotation(e, Needs.class));
        if (needs.isEmpty()) {
            return ConditionEvaluationResult.enabled("needs no program");
        }
        String missing = Stream.of(needs.get().value())
                .filter(tool -> tool.find().isEmpty())
                .map(ExternalTool::missing)
                .collect(joining("; "));
        return missing.isEmpty()
                ? ConditionEvaluationResult.enabled("every program is there")
                : ConditionEvaluationResult.disabled(missing);
    }
}
