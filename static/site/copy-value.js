// <copy-value>: a button that copies what stands in the field; selects it where the
// browser does not let pages copy.
class CopyValue extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", () => this.copy());
  }

  async copy() {
    const input = this.querySelector("input, textarea");
    const said = this.querySelector("[role=status]");
    try {
      await navigator.clipboard.writeText(input.value);
      said.textContent = "Copied";
    } catch {
      input.select();
      said.textContent = "Copy it from here";
    }
  }
}

customElements.define("copy-value", CopyValue);
