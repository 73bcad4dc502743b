import type { Logger } from '@glance/core'
import type { Enforcer, Policy, PolicyTarget, RequestContext } from '@glance/service'
import { type PolicyPlan, policyFingerprint, readPolicy } from '../config/policy.ts'
import { ConfigError, formatProblem } from '../config/problem.ts'

/** Shortest time between two looks at the files. */
const patienceMs = 1000

/**
 * The policy of a running server: the rules of its files, read again when one has changed.
 *
 * The files are looked at when a rule is asked, at most once a second. New rules take the place of all old ones at once. Files with a problem change nothing: the rules before them
 * stay, and the log tells once what is wrong.
 */
export class LivePolicy implements Enforcer {
  readonly #plan: PolicyPlan
  readonly #logger: Pick<Logger, 'info' | 'error'>
  readonly #now: () => number
  #policy: Policy
  #fingerprint: string
  #lookedAt: number

  private constructor(plan: PolicyPlan, logger: Pick<Logger, 'info' | 'error'>, now: () => number) {
    this.#plan = plan
    this.#logger = logger
    this.#now = now
    this.#lookedAt = now()
    // Before the files are read: what changes in between is seen the next time.
    this.#fingerprint = policyFingerprint(plan)
    const { policy, problems } = readPolicy(plan)
    if (problems.length > 0) throw new ConfigError(problems)
    this.#policy = policy
  }

  /** @param now - milliseconds of a clock that never goes back. @throws ConfigError with everything that is wrong with the rules */
  static open(
    plan: PolicyPlan,
    logger: Pick<Logger, 'info' | 'error'>,
    now: () => number = () => performance.now(),
  ): LivePolicy {
    return new LivePolicy(plan, logger, now)
  }

  allows(rule: string, context: RequestContext, target: PolicyTarget): boolean {
    this.#look()
    return this.#policy.enforcer.allows(rule, context, target)
  }

  #look(): void {
    const now = this.#now()
    if (now - this.#lookedAt < patienceMs) return
    this.#lookedAt = now
    const fingerprint = policyFingerprint(this.#plan)
    if (fingerprint === this.#fingerprint) return
    this.#fingerprint = fingerprint
    const { policy, problems } = readPolicy(this.#plan)
    if (problems.length > 0)
      this.#logger.error(
        { problems: problems.map(formatProblem) },
        'the policy files are broken; the rules stay as they were',
      )
    else {
      this.#policy = policy
      this.#logger.info({}, 'the policy files have changed; the new rules count')
    }
  }
}
