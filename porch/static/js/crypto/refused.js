/**
 * The one error of what is encrypted: something is not as it has to be, and nothing of it may be used. Known by `name` and `code`: each
 * script that the server joins has a class of its own.
 */

export class Refused extends Error {
  /** @param {string} code stable, for programs: what was wrong. What people are told is said elsewhere. */
  constructor(code) {
    super(code);
    this.name = new.target.name;
    this.code = code;
  }
}
