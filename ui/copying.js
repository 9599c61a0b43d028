// The button that copies a quote with its reference. The text is made in Python and only ever set as a value.
// Where the browser refuses the clipboard (it allows it over https and on this computer), the text is shown selected.

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const status = parentElement.querySelector('[role="status"]');
  const text = parentElement.querySelector("textarea");
  text.value = data.text;
  text.hidden = true;
  status.textContent = "";

  button.onclick = async () => {
    status.textContent = "";
    try {
      await navigator.clipboard.writeText(data.text);
    } catch {
      text.hidden = false;
      text.focus();
      text.select();
      status.textContent = "Select and copy this text";
      return;
    }
    text.hidden = true;
    status.textContent = "Copied";
  };
}
